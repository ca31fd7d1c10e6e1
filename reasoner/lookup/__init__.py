"""What codes mean and what categories hold, as records, text, CSV and JSON."""

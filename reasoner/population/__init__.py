"""What the determinations of many cases come to: tables and pictures."""

"""Made-up cases in any number, the same for the same seed."""

"""From a case and an edition to statuses, what each rests on, and the outcome."""

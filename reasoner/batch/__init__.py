"""Many cases: read as streams, determined in several processes, handed out in order."""

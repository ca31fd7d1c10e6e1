"""Policy editions: read from their shapes, held to the profile, as criteria that combine."""

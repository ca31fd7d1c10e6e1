"""Reports held against a replay of their determination, and signatures."""

"""The command `edx`."""

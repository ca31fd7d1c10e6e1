"""Intake: bytes to cases that can be judged, or to every reason why not."""

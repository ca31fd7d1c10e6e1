"""A report for people and programs: text, Markdown, HTML, JSON."""

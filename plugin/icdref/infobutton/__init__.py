"""Infobutton, pure: a knowledge request in parameters or XML, one answer object, and its shapes in Atom and JSON."""

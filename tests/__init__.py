"""The tests of icdref; the folders mirror plugin/icdref."""

"""FEEL as DMN 1.4 defines it: the subset that forms and conditions use."""

"""The tests of engine.decisions."""

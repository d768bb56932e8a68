"""The tests of engine.expressions."""

"""The ticket domain: one module per noun, holding its model and its verbs; knows nothing of pages."""

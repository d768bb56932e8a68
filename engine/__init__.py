"""Runs BPMN: the only importer of SpiffWorkflow; knows neither tickets nor Flask."""

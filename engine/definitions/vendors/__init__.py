"""What each vendor says beyond BPMN: one module a vendor, chosen by the namespaces that a file uses."""

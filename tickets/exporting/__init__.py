"""Lists as files: what a reader sees of the tickets they see, as CSV or XLSX, at once or by a job."""

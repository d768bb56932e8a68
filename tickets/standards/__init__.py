"""Standards: what headquarters wants done for each class or student, whether it was, and how one knows."""

"""The wall around SpiffWorkflow 3.2: its task tree, states and specs on one side, plain data on the other.

Nothing of the library is patched: tasks, specs and workflows are subclassed, the XML parser and the timers are unused.
"""

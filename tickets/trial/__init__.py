"""`gongdan try`: BPMN files walked through on a throwaway stage, along every branch that can be reached."""

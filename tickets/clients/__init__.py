"""Other systems of the group as callers of the API (接入管理): what each may do, its tokens, what it called lately."""

"""Spot checks: drawn by a seed, judged one by one; what failed opens again for whoever did it."""

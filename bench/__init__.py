"""What Gongdan costs: each module prints the figures of one part."""

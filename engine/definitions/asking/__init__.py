"""What a file leaves open, asked of people: variables that nothing sets, gateways drawn without conditions."""

"""The methods of the protocol: each converts its parameters, asks a feature, and converts the answer back."""

"""A finished exhibit printed in a journal's style: its table made again from its estimates."""

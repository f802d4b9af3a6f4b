"""Is a bundle whole, does it agree with itself, and does its code make its numbers?"""

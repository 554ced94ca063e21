"""The writing actions: each has its effect once and finds it again in Stigg."""

# SPDX-License-Identifier: MIT
"""`dock simulate`: runs an app on this machine, and shows on a page what it does."""

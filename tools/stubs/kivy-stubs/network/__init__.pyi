# SPDX-License-Identifier: MIT
"""Kivy's names for urlrequest; nothing else of Kivy is here.

Source: Kivy 2.3.
"""

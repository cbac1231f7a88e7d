def _show_fault(text): pass

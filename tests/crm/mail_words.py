"""Words as a member of staff might write them, for any mail."""


def own_words_for(kind, language):
    """Say everything that a mail knows, and its link as a button and within a sentence."""
    names = [f"{{{name.key}}}" for name in kind.names]
    lines = [f"{{{name.key}}}" for name in kind.names if name.is_line]
    text = ["Said by ourselves.", *names]
    if kind.link:
        text += [f"Here:\n{{button: Go on & on}}\nor {{link}} ({language})."]
    return " ".join(["Ours", *lines]), "\n\n".join(text)

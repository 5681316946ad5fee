namespace OverlayImg.FileSystems.Errors;

/// <summary>
/// Something that the user can act on. One subclass for each kind of action: mend the input, mend the machine, mend the script, wait longer.
/// Everything else that is thrown is a bug of the tool and shows as one.
/// </summary>
public abstract class OverlayImgException : Exception
{
    /// <summary>Says what is wrong: a sentence without its full stop.</summary>
    protected OverlayImgException(string what, Exception? innerException) : base(what, innerException)
    {
    }

    /// <summary>What to do about it; null where the text says it already.</summary>
    public Advice? Advice { get; init; }

    /// <summary>The text for the user: what, where, and what to do.</summary>
    /// <param name="word">Words the advice, with the options that set its settings; null for the advice's own words, which name no option.</param>
    public virtual string Describe(Func<Advice, string>? word = null) =>
        Advice is null ? Sentence : $"{Sentence} {(word is null ? Advice.Text : word(Advice))}";

    // The message may end with the words of another program, which come with a full stop or without one.
    private string Sentence => Message is [.., '.' or '!' or '?'] ? Message : $"{Message}.";
}

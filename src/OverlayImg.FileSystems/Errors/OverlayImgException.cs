namespace OverlayImg.FileSystems.Errors;

/// <summary>
/// An error that the user can act on. Each subclass stands for one kind of action: correct the input, the machine or the script, or wait longer.
/// Every other exception is a bug of the tool and is reported as a bug.
/// </summary>
public abstract class OverlayImgException : Exception
{
    /// <summary>Makes an error with a sentence that says what is wrong, without the full stop.</summary>
    protected OverlayImgException(string what, Exception? innerException) : base(what, innerException)
    {
    }

    /// <summary>What the user can do about the error; null where the message says so already.</summary>
    public Advice? Advice { get; init; }

    /// <summary>Formats the error for the user: what is wrong, where, and what to do.</summary>
    /// <param name="word">Formats the advice and names the options of its settings; null for the advice's text without options.</param>
    public virtual string Describe(Func<Advice, string>? word = null) =>
        Advice is null ? Sentence : $"{Sentence} {(word is null ? Advice.Text : word(Advice))}";

    // The message may end with another program's text, which may have its own full stop.
    private string Sentence => Message is [.., '.' or '!' or '?'] ? Message : $"{Message}.";
}

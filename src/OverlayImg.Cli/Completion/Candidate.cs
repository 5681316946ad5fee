namespace OverlayImg.Cli.Completion;

/// <summary>A word that a shell may offer for the word at the cursor.</summary>
/// <param name="Text">The whole word, without the shell's quotes.</param>
/// <param name="Description">A sentence for shells that show descriptions; empty for none.</param>
/// <param name="IsPath">Whether the word is a path of the host.</param>
internal sealed record Candidate(string Text, string Description = "", bool IsPath = false)
{
    /// <summary>The characters at the end of a word that is not complete yet, so that no space follows.</summary>
    public const string OpenEnds = "/:=";
}

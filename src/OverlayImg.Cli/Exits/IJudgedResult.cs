namespace OverlayImg.Cli.Exits;

/// <summary>A result that is printed although the run counts as failed, because the result breaks a rule that the user gave.</summary>
internal interface IJudgedResult
{
    /// <summary>The failure, which is reported after the result; null if the result breaks no rule.</summary>
    Failure? Failure { get; }
}

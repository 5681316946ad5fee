namespace OverlayImg.Images.Validation;

/// <summary>The severity of a finding.</summary>
public enum Severity
{
    /// <summary>A discouraged form, or a known fault of a known program that readers tolerate.</summary>
    Warning,

    /// <summary>A violation of the specification or of a rule that a widespread reader enforces.</summary>
    Error,
}

/// <summary>A violation of a rule.</summary>
/// <param name="Severity">Error or warning.</param>
/// <param name="Rule">Name of the rule in kebab-case; stable between versions.</param>
/// <param name="Where">Document or layer, and the location in it; printable.</param>
/// <param name="What">Description of the violation; printable.</param>
public sealed record ValidationFinding(Severity Severity, string Rule, string Where, string What);

namespace OverlayImg.Images.Validation;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>Odd, discouraged, or a known fault of a known program that readers put up with.</summary>
    Warning,

    /// <summary>Against a rule that the specification has, or that a widespread reader insists on.</summary>
    Error,
}

/// <summary>Something that an archive has against a rule.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Rule">The rule's name, in kebab-case; it does not change between versions.</param>
/// <param name="Where">The document or layer, and the place in it; fit for a terminal.</param>
/// <param name="What">What is wrong there; fit for a terminal.</param>
public sealed record ValidationFinding(Severity Severity, string Rule, string Where, string What);

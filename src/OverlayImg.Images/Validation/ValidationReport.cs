namespace OverlayImg.Images.Validation;

/// <summary>The result of a validation.</summary>
/// <param name="Findings">Findings in the order of the documents, and then of the layers.</param>
/// <param name="Omitted">Number of findings that are not listed, because a rule has many.</param>
/// <param name="Images">Number of validated images.</param>
/// <param name="Layers">Number of distinct layers that were read completely.</param>
/// <param name="OmittedErrors">Number of errors among the omitted findings.</param>
public sealed record ValidationReport(IReadOnlyList<ValidationFinding> Findings, int Omitted, int OmittedErrors, int Images, int Layers)
{
    /// <summary>The number of errors, including omitted ones.</summary>
    public int Errors => OmittedErrors + Findings.Count(finding => finding.Severity == Severity.Error);

    /// <summary>The number of warnings, including omitted ones.</summary>
    public int Warnings => Findings.Count + Omitted - Errors;
}

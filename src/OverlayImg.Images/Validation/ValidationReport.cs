namespace OverlayImg.Images.Validation;

/// <summary>What a validation found.</summary>
/// <param name="Findings">In the order of the archive's documents, then of its layers.</param>
/// <param name="Omitted">How many more there were: of each rule only some are kept.</param>
/// <param name="Images">Number of images that were looked at.</param>
/// <param name="Layers">Number of distinct layers that were read to their ends.</param>
/// <param name="OmittedErrors">How many of the omitted are errors.</param>
public sealed record ValidationReport(IReadOnlyList<ValidationFinding> Findings, int Omitted, int OmittedErrors, int Images, int Layers)
{
    /// <summary>Number of errors, those that are omitted included.</summary>
    public int Errors => OmittedErrors + Findings.Count(finding => finding.Severity == Severity.Error);

    /// <summary>Number of warnings, those that are omitted included.</summary>
    public int Warnings => Findings.Count + Omitted - Errors;
}

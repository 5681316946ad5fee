namespace OverlayImg.Images.Validation;

/// <summary>
/// Collects findings. The first 50 of a rule are kept and the rest is counted: a hostile archive can have millions.
/// </summary>
internal sealed class Findings
{
    private const int MaximumPerRule = 50;

    private readonly List<ValidationFinding> _findings = [];
    private readonly Dictionary<string, int> _perRule = new(StringComparer.Ordinal);

    public IReadOnlyList<ValidationFinding> Kept => _findings;

    /// <summary>The number of findings that are not kept.</summary>
    public int Omitted { get; private set; }

    /// <summary>The number of errors that are not kept.</summary>
    public int OmittedErrors { get; private set; }

    /// <summary>Adds a violation of a rule.</summary>
    public void Error(string rule, string where, string what) => Keep(new(Severity.Error, rule, where, what));

    /// <summary>Adds a violation of a recommendation.</summary>
    public void Warn(string rule, string where, string what) => Keep(new(Severity.Warning, rule, where, what));

    /// <summary>Adds a violation of a rule that a reader threw.</summary>
    public void Error(string rule, InputException exception) => Error(rule, LocationOf(exception.Where), exception.Message);

    public void Add(Findings others)
    {
        foreach (var finding in others._findings) Keep(finding);
        Omitted += others.Omitted;
        OmittedErrors += others.OmittedErrors;
    }

    // The user knows the archive's name.
    private static string LocationOf(InputLocation where) =>
        (where with { File = null }).ToString() is { Length: > 0 } location ? location : "archive";

    private void Keep(ValidationFinding finding)
    {
        var count = _perRule[finding.Rule] = _perRule.GetValueOrDefault(finding.Rule) + 1;
        if (count <= MaximumPerRule)
        {
            _findings.Add(finding);
            return;
        }

        Omitted++;
        if (finding.Severity == Severity.Error) OmittedErrors++;
    }
}

using OverlayImg.Images.Sessions;

namespace OverlayImg.Cli.Reporting;

/// <summary>The reporter of <c>--quiet</c>, which shows only errors.</summary>
internal sealed class QuietReporter : Reporter
{
    /// <inheritdoc/>
    public override bool ShowsLines => false;

    /// <inheritdoc/>
    protected override bool ShowsOutput => false;

    /// <inheritdoc/>
    protected override void Show(BuildEvent value)
    {
    }

    /// <inheritdoc/>
    protected override void ShowLine(string text)
    {
    }
}

namespace OverlayImg.Builders;

/// <summary>How well something stands.</summary>
public enum Health
{
    /// <summary>It works.</summary>
    Good,

    /// <summary>The tool works without it, but slower or with less.</summary>
    Limited,

    /// <summary>Guests can't be run without it.</summary>
    Missing,
}

/// <summary>One thing that <see cref="Doctor"/> looked at.</summary>
/// <param name="Subject">What: "QEMU", "KVM".</param>
/// <param name="Health">How it stands.</param>
/// <param name="Detail">What was found: a version, a path, a reason.</param>
/// <param name="Advice">What to install or change, or null.</param>
public sealed record Finding(string Subject, Health Health, string Detail, Advice? Advice = null)
{
    /// <summary>For an accelerator: how many times as long as this machine a guest takes for the same work; null where that was not measured.</summary>
    public double? Slowdown { get; init; }
}

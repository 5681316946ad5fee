namespace OverlayImg.Builders;

/// <summary>The state of a requirement of the tool on this machine.</summary>
public enum Health
{
    /// <summary>The requirement is met.</summary>
    Good,

    /// <summary>The requirement is not met. The tool works, but slower or with fewer features.</summary>
    Limited,

    /// <summary>The requirement is not met, and guests can't run without it.</summary>
    Missing,
}

/// <summary>A requirement that <see cref="Doctor"/> checked.</summary>
/// <param name="Subject">Name of the requirement, such as "QEMU" or "KVM".</param>
/// <param name="Health">The state of the requirement.</param>
/// <param name="Detail">The version, path or reason that was found.</param>
/// <param name="Advice">What to install or change; null if there is nothing to do.</param>
public sealed record Finding(string Subject, Health Health, string Detail, Advice? Advice = null)
{
    /// <summary>The duration of a task in a guest divided by its duration on the host, for an accelerator; null if it was not measured.</summary>
    public double? Slowdown { get; init; }
}

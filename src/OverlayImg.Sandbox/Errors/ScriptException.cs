using System.Diagnostics.CodeAnalysis;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Sandbox;

/// <summary>A script of the user ended with a status other than 0 (exit code 5).</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "See OverlayImgException.")]
public sealed class ScriptException(string what, JobResult result) : OverlayImgException(what, null)
{
    /// <summary>How far the job came: status, phase, what the guest ran out of, timings, last lines of the output.</summary>
    public JobResult Result { get; } = result;

    /// <summary>Exit status of the script; 128 + n where signal n killed it.</summary>
    public int Status => Result.Status;
}

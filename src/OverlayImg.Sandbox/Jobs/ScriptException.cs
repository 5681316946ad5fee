namespace OverlayImg.Sandbox.Jobs;

/// <summary>A script of the user ended with a status other than 0 (exit code 5).</summary>
public sealed class ScriptException(string what, JobResult result) : OverlayImgException(what, null)
{
    /// <summary>How far the job came: status, phase, what the guest ran out of, timings, last lines of the output.</summary>
    public JobResult Result { get; } = result;

    /// <summary>Exit status of the script; 128 + n where signal n killed it.</summary>
    public int Status => Result.Status;

    /// <summary>The protocol's name of the phase it ran in: "script", "post-umount".</summary>
    public string Phase => (Result.FailedPhase ?? JobPhase.Script).Name();

    /// <summary>The last lines of the scripts' output, ready to print.</summary>
    public IReadOnlyList<string> LastLines => Result.LastLines;
}

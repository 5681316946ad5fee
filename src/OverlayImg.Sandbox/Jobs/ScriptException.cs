namespace OverlayImg.Sandbox.Jobs;

/// <summary>A script of the user ended with a status other than 0 (exit code 5).</summary>
public sealed class ScriptException(string what, JobResult result) : OverlayImgException(what, null)
{
    /// <summary>The result of the job up to the failure.</summary>
    public JobResult Result { get; } = result;

    /// <summary>Exit status of the script (128 + n for signal n).</summary>
    public int Status => Result.Status;

    /// <summary>The protocol's name of the script's phase: "script", "post-umount".</summary>
    public string Phase => (Result.FailedPhase ?? JobPhase.Script).Name();

    /// <summary>The last lines of the scripts' output, escaped for display.</summary>
    public IReadOnlyList<string> LastLines => Result.LastLines;
}

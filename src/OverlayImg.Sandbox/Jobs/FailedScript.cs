namespace OverlayImg.Sandbox.Jobs;

/// <summary>The script that failed, and what is known about the command that ended it.</summary>
public sealed record FailedScript
{
    /// <summary>Path of the script, or the text of the commands; null if the job does not name the script.</summary>
    public string? Name { get; init; }

    /// <summary>Whether the script is commands, so that <see cref="Name"/> is their text.</summary>
    public bool IsCommands { get; init; }

    /// <summary>Number of the step, from 1; null for a hook.</summary>
    public int? Step { get; init; }

    /// <summary>Number of the steps in the job, or in all jobs that the job belongs to.</summary>
    public int StepCount { get; init; }

    /// <summary>The command that ended the script; null if it is not known.</summary>
    public FailedCommand? Command { get; init; }

    /// <summary>Describes a failed script of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="phase">The phase of the script.</param>
    /// <param name="begunSteps">How many steps have begun.</param>
    /// <param name="status">The status of the script.</param>
    /// <param name="record">The bytes of the guest's failure record.</param>
    internal static FailedScript Of(GuestJob job, JobPhase phase, int begunSteps, int status, ReadOnlySpan<byte> record)
    {
        if (phase is JobPhase.Script && job.Steps.ElementAtOrDefault(begunSteps - 1) is { } step)
        {
            var command = step.IsCommands ? null : FailedCommand.Parse(record, status, step.Text.Span);
            var part = job.Part ?? new(1, job.Steps.Count);
            return new()
            {
                Name = step.Name,
                IsCommands = step.IsCommands,
                Step = part.First + begunSteps - 1,
                StepCount = part.Count,
                Command = command,
            };
        }

        if (PlaceOf(phase) is not { } place || !job.Scripts.TryGetValue(place, out var text)) return new();
        return new() { Name = job.ScriptNames.GetValueOrDefault(place), Command = FailedCommand.Parse(record, status, text.Span) };
    }

    private static JobScript? PlaceOf(JobPhase phase) => phase switch
    {
        JobPhase.PreMount => JobScript.PreMount,
        JobPhase.PostMount => JobScript.PostMount,
        JobPhase.ExtraCommands => JobScript.ExtraCommands,
        JobPhase.FakeRootCommands => JobScript.FakeRootCommands,
        JobPhase.PostUmount => JobScript.PostUmount,
        _ => null,
    };
}

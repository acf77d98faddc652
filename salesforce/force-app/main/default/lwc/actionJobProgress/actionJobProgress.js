// Shows the newest Action_Job__e of one job, or of any when none is named. Events come at least once and may come late:
// one that is older than what is shown is left out.
import { LightningElement, api } from 'lwc';
import { onError, subscribe, unsubscribe } from 'lightning/empApi';

const CHANNEL = '/event/Action_Job__e';

export default class ActionJobProgress extends LightningElement {
    @api jobId;
    @api title = 'Job';
    told;
    subscription;

    async connectedCallback() {
        onError(() => { this.subscription = undefined; });
        this.subscription = await subscribe(CHANNEL, -1, (message) => this.take(message.data.payload));
    }

    disconnectedCallback() {
        if (this.subscription) unsubscribe(this.subscription, () => {});
    }

    take(payload) {
        if (this.jobId && payload.JobId__c !== this.jobId) return;
        const same = this.told && this.told.JobId__c === payload.JobId__c;
        if (same && payload.Sequence__c <= this.told.Sequence__c) return;
        this.told = payload;
    }

    get known() {
        return Boolean(this.told);
    }

    get percent() {
        const { Done__c: done, Failed__c: failed, Total__c: total } = this.told;
        if (this.told.State__c === 'done') return 100;
        return total > 0 ? Math.min(100, Math.floor(((done + failed) * 100) / total)) : 0;
    }

    get words() {
        const { State__c: state, Done__c: done, Failed__c: failed, Total__c: total, Message__c: message } = this.told;
        const counts = total > 0 ? `${done} of ${total} done, ${failed} failed` : `${done} done, ${failed} failed`;
        return `${state}: ${counts}. ${message ?? ''}`.trim();
    }
}
